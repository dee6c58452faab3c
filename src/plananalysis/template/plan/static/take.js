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
    if (!title) return { code: '', name: told, label: told, unit: '' };
    const name = words(title, '.code, .unit, .binding, .inferred');
    const label = [block.id, name, figure.closest('.aside-block') && told].filter(Boolean).join(' ');
    return { code: block.id, name, label, unit: unit ? plain(unit).replace(/[（）()]/g, '') : '' };
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

  const SVG = 'http://www.w3.org/2000/svg';
  const width = (text, size) => [...text].reduce((sum, c) => sum + (c.charCodeAt(0) > 0x2e7f || '—…“”·'.includes(c) ? 1 : 0.56), 0) * size;

  function wrapped(text, size, room) {
    return text.match(/[!-~]+|[^]/gu).reduce((lines, word) => {
      if (width(lines.at(-1) + word, size) > room) lines.push('');
      lines[lines.length - 1] += word;
      return lines;
    }, ['']);
  }

  // the drawing with its title above, source and mark below, and the letters it needs
  function picture(figure) {
    const drawn = [...figure.querySelectorAll('svg')].find((svg) => svg.getClientRects().length) || figure.querySelector('svg');
    const svg = drawn.cloneNode(true), [, , w, h] = drawn.getAttribute('viewBox').split(' ').map(Number);
    const { label, unit } = about(figure);
    const above = wrapped(unit ? `${label}（${unit}）` : label, 13, w - 8), below = wrapped([told.mark, told.from].filter(Boolean).join(' · '), 9, w - 8);
    const top = above.length * 18 + 6, bottom = below.length * 13 + 8;
    const add = (parent, tag, given, text = '') => {
      const made = document.createElementNS(SVG, tag);
      Object.entries(given).forEach(([k, v]) => made.setAttribute(k, v));
      made.textContent = text;
      parent.append(made);
      return made;
    };
    const whole = document.createElementNS(SVG, 'svg');
    Object.entries({ xmlns: SVG, viewBox: `0 0 ${w} ${h + top + bottom}`, width: w, height: h + top + bottom, role: 'img', 'aria-label': svg.getAttribute('aria-label') })
      .forEach(([k, v]) => whole.setAttribute(k, v));
    const face = [...document.querySelectorAll('style')].map((s) => s.textContent).find((text) => text.startsWith('@font-face')) || '';
    add(whole, 'style', {}, `${face}text{font-family:"Plan Sans SC","Microsoft YaHei","PingFang SC","Noto Sans CJK SC",sans-serif}`);
    add(whole, 'rect', { width: '100%', height: '100%', fill: '#ffffff' });
    above.forEach((line, i) => add(whole, 'text', { x: 4, y: 16 + 18 * i, 'font-size': 13, 'font-weight': 'bold', fill: '#1c1c1c' }, line));
    const inner = add(whole, 'g', { transform: `translate(0 ${top})` });
    inner.append(...svg.childNodes);
    below.forEach((line, i) => add(whole, 'text', { x: 4, y: top + h + 12 + 13 * i, 'font-size': 9, fill: '#565656' }, line));
    return { text: new XMLSerializer().serializeToString(whole), w, h: h + top + bottom };
  }

  async function png({ text, w, h }) {
    const image = new Image(), canvas = document.createElement('canvas'), scale = 3;
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    await image.decode();
    Object.assign(canvas, { width: Math.round(w * scale), height: Math.round(h * scale) });
    canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
    return new Promise((done) => { canvas.toBlob(done, 'image/png'); });
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
    offer(told.svg, () => save(picture(figure).text, 'image/svg+xml', figure, '.svg'));
    offer(told.png, async () => save(await png(picture(figure)), 'image/png', figure, '.png'));
    figure.append(bar);
  });
});
