// Under every figure its data as CSV and itself as SVG or PNG, made from what the page holds; a reader's disk is all they go to.
document.addEventListener('DOMContentLoaded', () => {
  const told = JSON.parse(document.body.dataset.take || 'null');
  if (!told) return;

  // the tables beside a figure: those by year of its own part of a card, else those of the nearest block that has any
  function tables(figure, kind = ':not(.sources)') {
    const block = figure.closest('.aside-block, section.part, article.series');
    const own = (table) => table.closest('.aside-block, section.part, article.series') === block;
    if (block) {
      const found = [...block.querySelectorAll(`table${kind}`)].filter(own);
      const past = (table) => table.matches('.behind');
      return found.some(yearly) ? found.filter(yearly).sort((a, b) => past(b) - past(a)) : found.slice(0, 1);
    }
    const inside = [...figure.querySelectorAll('table')];
    if (inside.length || figure.matches('.counts-block')) return inside.slice(0, 1);
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
    const alt = figure.matches('.counts-block') ? told.outlooks : figure.querySelector('svg').getAttribute('aria-label');
    const called = caption ? words(caption, '.chance, .fictional-mark') : alt;
    const first = called.split(/[\uff1a:]/)[0];
    if (!title) return { code: '', name: first, label: first, unit: '', heading: called };
    const name = words(title, '.code, .unit, .binding, .inferred');
    const label = [block.id, name, figure.closest('.aside-block') && called].filter(Boolean).join(' ');
    return { code: block.id, name, label, unit: unit ? plain(unit).replace(/[\uff08\uff09()]/g, '') : '', heading: label + (unit ? unit.textContent : '') };
  }

  function save(content, kind, label, ending) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([content], { type: kind }));
    link.download = `${told.file} ${label}`.replace(/[\\/:*?"<>|\s]+/g, '_').slice(0, 80) + ending;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  function offer(word, label, act) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = word;
    button.setAttribute('aria-label', `${label} ${word}`);
    button.addEventListener('click', act);
    return button;
  }

  const TEXT = 'text/csv;charset=utf-8';

  document.querySelectorAll('main figure, main .counts-block').forEach((figure) => {
    if (!figure.querySelector('svg') || figure.closest('.legend')) return; // a legend has no data
    const bar = document.createElement('div'), what = about(figure), { label } = what, held = tables(figure);
    const drawn = () => picture(figure, told, what.heading);
    bar.className = 'take';
    const sources = what.code && !figure.closest('.aside-block') && tables(figure, '.sources')[0];
    const lines = () => (sources ? withSources(linesOf(held, told), sources, told) : linesOf(held, told));
    const counted = [...figure.querySelectorAll('.counted')].map((part) => [part.firstElementChild, part.lastElementChild].map(plain)); // a bar's key
    if (held.length) bar.append(offer(told.csv, label, () => save(csv(lines(), what, told), TEXT, label, '.csv')));
    else if (counted.length) bar.append(offer(told.csv, label, () => save(csv([[told.item, told.count], ...counted], what, told), TEXT, label, '.csv')));
    bar.append(offer(told.svg, label, () => save(drawn().text, 'image/svg+xml', label, '.svg')));
    bar.append(offer(told.png, label, async () => save(await png(drawn()), 'image/png', label, '.png')));
    figure.append(bar);
  });

  // a long table: the rows that are shown, as its reader has sifted and sorted them
  document.querySelectorAll('.sift').forEach((sifter) => {
    const table = sifter.nextElementSibling.querySelector('table'), name = words(table.caption, '.fictional-mark');
    const bar = document.createElement('div');
    bar.className = 'take';
    bar.append(offer(told.rows, name, () => save(csv(linesOf([table], told), { code: '', name, unit: '' }, told), TEXT, name, '.csv')));
    sifter.nextElementSibling.after(bar);
  });
});
