// Under every figure its data as CSV and itself as SVG or PNG, made from what the page holds; a reader's disk is all they go to.
document.addEventListener('DOMContentLoaded', () => {
  const told = JSON.parse(document.body.dataset.take || 'null');
  if (!told) return;
  const plain = (node) => node.textContent.replace(/\s+/g, ' ').trim();
  const heads = (table) => [...table.tHead.rows[0].cells];
  const yearly = (table) => heads(table).length > 1 && heads(table).slice(1).every((head) => /^\d{4}$/.test(plain(head)));

  // the tables beside a figure: those by year of its own part of a card, else those of the nearest block that has any
  function tables(figure) {
    const block = figure.closest('.aside-block, section.part, article.series');
    const own = (table) => table.closest('.aside-block, section.part, article.series') === block;
    if (block) {
      const found = [...block.querySelectorAll('table')].filter(own);
      const past = (table) => table.matches('.behind');
      return found.some(yearly) ? found.filter(yearly).sort((a, b) => past(b) - past(a)) : found.slice(0, 1);
    }
    for (let around = figure.parentNode; around && around.id !== 'main'; around = around.parentNode) {
      const found = [...around.querySelectorAll('table')];
      if (found.length) return found.slice(0, 1);
    }
    return [];
  }

  function words(node, without) {
    const copy = node.cloneNode(true);
    copy.querySelectorAll(without).forEach((part) => part.remove());
    return plain(copy);
  }

  // of a card its code, name and unit; else the figure's caption, or its table's
  function about(figure) {
    const block = figure.closest('section.part, article.series');
    const title = block && block.querySelector('h3, h4'), unit = title && title.querySelector('.unit');
    const caption = figure.querySelector('figcaption') || figure.querySelector('caption');
    const told = caption ? words(caption, '.chance, .fictional-mark') : figure.querySelector('svg').getAttribute('aria-label');
    if (!title) return { code: '', name: told, label: told, unit: '', heading: told };
    const name = words(title, '.code, .unit, .binding, .inferred');
    const label = [block.id, name, figure.closest('.aside-block') && told].filter(Boolean).join(' ');
    return { code: block.id, name, label, unit: unit ? plain(unit).replace(/[\uff08\uff09()]/g, '') : '', heading: label + (unit ? unit.textContent : '') };
  }

  // a cell as a program reads it: signs and thousands as numbers have them, no mark of status, nothing for a dash
  function written(cell) {
    const copy = cell.cloneNode(true);
    const mark = [...copy.querySelectorAll('sup')].map((sup) => { sup.remove(); return plain(sup); }).join('');
    copy.querySelectorAll('.year, .more, .reading').forEach((part) => part.prepend(' '));
    let text = plain(copy).replace(/^\u2212/, '-').replace(/^\+(?=\d)/, '');
    if (/^-?\d{1,3}(,\d{3})+(\.\d+)?$/.test(text)) text = text.replaceAll(',', '');
    return { text: text === '\u2014' ? '' : text, mark };
  }

  // tables by year become a line a year and a column for each of their lines, ranges one for either end
  function byYear(held) {
    const columns = new Map();
    const put = (name, year, text) => { if (text !== '') columns.set(name, (columns.get(name) || new Map()).set(year, text)); };
    held.forEach((table) => [...table.tBodies[0].rows].forEach((row) => {
      const [name, ...cells] = [...row.cells];
      cells.forEach((cell, i) => {
        const year = plain(heads(table)[i + 1]);
        const { text, mark } = written(cell);
        const range = text.match(/^([-\u2212]?[\d.,]+)\s?[\u2014\u2013]\s?([-\u2212]?[\d.,]+)$/);
        if (range) [told.low, told.high].forEach((end, k) => put(`${plain(name)} ${end}`, year, range[k + 1].replace('\u2212', '-').replaceAll(',', '')));
        else put(plain(name), year, text);
        put(`${plain(name)} ${told.status}`, year, mark);
      });
    }));
    const years = [...new Set([...columns.values()].flatMap((column) => [...column.keys()]))].sort();
    return [[told.year, ...columns.keys()], ...years.map((year) => [year, ...[...columns.values()].map((column) => column.get(year) ?? '')])];
  }

  const asPrinted = (table) => [heads(table).map(plain), ...[...table.querySelectorAll('tbody tr:not(.group)')].map((row) => [...row.cells].map((cell) => written(cell).text))];

  // what the figure is, where it is from and that it is invented stand in every line, so that no line loses them
  function csv(figure) {
    const held = tables(figure), { code, name, label, unit } = about(figure);
    const [head, ...lines] = held.every(yearly) ? byYear(held) : asPrinted(held[0]);
    const before = code ? [[told.code, code], [told.name, name], [told.unit, unit]] : [[told.name, label]];
    const after = [[told.source, told.from], ...(told.mark ? [[told.note, told.mark]] : [])];
    const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    const all = [[...before.map(([k]) => k), ...head, ...after.map(([k]) => k)],
      ...lines.map((line) => [...before.map(([, v]) => v), ...line, ...after.map(([, v]) => v)])];
    return `\ufeff${all.map((line) => line.map(quoted).join(',')).join('\r\n')}\r\n`;
  }

  function save(content, kind, figure, ending) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([content], { type: kind }));
    link.download = `${told.file} ${about(figure).label}`.replace(/[\\/:*?"<>|\s]+/g, '_').slice(0, 80) + ending;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  document.querySelectorAll('main figure, main .counts-block').forEach((figure) => {
    if (!figure.querySelector('svg') || figure.closest('.legend')) return; // a legend has no data
    const bar = document.createElement('div');
    bar.className = 'take';
    const offer = (word, act) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = word;
      button.setAttribute('aria-label', `${about(figure).label} ${word}`);
      button.addEventListener('click', act);
      bar.append(button);
    };
    if (tables(figure).length) offer(told.csv, () => save(csv(figure), 'text/csv;charset=utf-8', figure, '.csv'));
    const drawn = () => picture(figure, told, about(figure).heading);
    offer(told.svg, () => save(drawn().text, 'image/svg+xml', figure, '.svg'));
    offer(told.png, async () => save(await png(drawn()), 'image/png', figure, '.png'));
    figure.append(bar);
  });
});
