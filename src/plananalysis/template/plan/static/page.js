// Shows the page when its font is there, and sorts and sifts its tables; without scripts every row stands where it was printed, and
// the controls are not shown. Nothing is fetched or kept anywhere but in the address after "#?".
'use strict'; document.documentElement.classList.add('scripted', 'waiting');
document.addEventListener('DOMContentLoaded', () => {
  document.body.getBoundingClientRect(); // laid out, the page asks for its fonts; drawn before they are there, it would jump
  Promise.race([(document.fonts || {}).ready, new Promise((late) => setTimeout(late, 1000))]).then(() => document.documentElement.classList.remove('waiting'));
  const order = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const compare = (a, b) => (isNaN(a) || isNaN(b) ? order.compare(a, b) : a - b);
  const sheets = [...document.querySelectorAll('table.sorted')].map(sheet);

  function sheet(table, place) {
    const bar = table.closest('.scroll').previousElementSibling;
    const sifter = bar && bar.matches('.sift') ? bar : null;
    const fields = sifter ? [...sifter.querySelectorAll('select, input')] : [];
    const heads = [...table.tHead.rows[0].cells];
    // a record is one row, or a whole tbody where a second line belongs to the first
    const paired = table.querySelector('tr.lower') !== null;
    const records = [...(paired ? table.tBodies : table.querySelectorAll('tbody > tr:not(.group)'))].map((node) => ({
      node, home: node.parentNode, next: node.nextSibling,
      facets: (node.dataset.facets || '').split('\n').map((held) => held.split('\t')),
      text: node.textContent.toLowerCase(),
    }));
    const groups = [...table.querySelectorAll('tr.group')];
    const state = { column: -1, down: false };

    heads.forEach((head, column) => {
      if (head.dataset.sort === undefined) return;
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...head.childNodes);
      button.addEventListener('click', () => { turn(column); note(); });
      head.append(button);
    });
    fields.forEach((field) => field.addEventListener('input', () => { sift(); note(); }));
    if (sifter) {
      sifter.querySelector('button').addEventListener('click', () => { clear(); note(); fields[0].focus(); });
      [sifter, table].forEach((part) => part.addEventListener('keydown', (e) => {
        if (e.key === 'Escape') { clear(); note(); }
      }));
    }

    function turn(column, down = state.column === column && !state.down) {
      const back = state.column === column && state.down && !down; // third press: the printed order again
      Object.assign(state, back ? { column: -1, down: false } : { column, down });
      arrange();
    }

    function key(record) {
      const row = record.node.rows ? record.node.rows[0] : record.node;
      return row.cells[state.column].dataset.key ?? '';
    }

    function arrange() {
      heads.forEach((head, i) => {
        if (head.dataset.sort === undefined) return;
        if (i === state.column) head.setAttribute('aria-sort', state.down ? 'descending' : 'ascending');
        else head.removeAttribute('aria-sort');
      });
      if (state.column < 0) { // last first, so that the neighbour each stood before is back in its place already
        [...records].reverse().forEach((r) => r.home.insertBefore(r.node, r.next));
      } else {
        const sign = state.down ? -1 : 1;
        const empty = (r) => (key(r) === '' ? 1 : 0); // what has no value stays last either way
        const home = records[0].home;
        [...records].sort((a, b) => empty(a) - empty(b) || sign * compare(key(a), key(b)))
          .forEach((r) => home.append(r.node));
      }
      sift();
    }

    function sift() {
      const chosen = fields.filter((f) => f.value.trim() !== '');
      const fits = (r) => chosen.every((f) => (f.dataset.facet === undefined
        ? f.value.trim().toLowerCase().split(/\s+/).every((word) => r.text.includes(word))
        : (r.facets[f.dataset.facet] || []).includes(f.value)));
      records.forEach((r) => { r.node.hidden = !fits(r); });
      groups.forEach((g) => {
        g.hidden = state.column >= 0 || !records.some((r) => r.home === g.parentNode && !r.node.hidden);
      });
      if (!sifter) return;
      const shown = records.filter((r) => !r.node.hidden).length;
      const told = sifter.querySelector('[role=status]');
      told.textContent = told.dataset.shown.replace('{shown}', shown).replace('{all}', records.length);
      sifter.classList.toggle('chosen', chosen.length > 0 || state.column >= 0);
    }

    function clear() {
      fields.forEach((f) => { f.value = ''; });
      Object.assign(state, { column: -1, down: false });
      arrange();
    }

    return {
      read(given) {
        fields.forEach((f, i) => { f.value = given.get(`${place}.${i}`) || ''; if (f.selectedIndex < 0) f.value = ''; });
        const [column, down] = (given.get(`${place}.sort`) || '').split('.');
        Object.assign(state, heads[column]?.dataset.sort === undefined ? { column: -1, down: false } : { column: +column, down: down === 'down' });
        arrange();
      },
      write(given) {
        fields.forEach((f, i) => { if (f.value.trim() !== '') given.set(`${place}.${i}`, f.value.trim()); });
        if (state.column >= 0) given.set(`${place}.sort`, `${state.column}.${state.down ? 'down' : 'up'}`);
      },
    };
  }

  function note() {
    const given = new URLSearchParams();
    sheets.forEach((s) => s.write(given));
    history.replaceState(null, '', `#${[...given].length ? '?' : ''}${given}`);
  }

  function recall() {
    if (location.hash.startsWith('#?')) sheets.forEach((s) => s.read(new URLSearchParams(location.hash.slice(2))));
  }

  addEventListener('hashchange', recall);
  recall();
  document.querySelector('.sift.chosen')?.scrollIntoView(); // a shared view opens at its table
});
