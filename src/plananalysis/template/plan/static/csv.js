// Tables of the page as CSV: what stands beside a figure by year, other tables as they are shown.
const plain = (node) => node.textContent.replace(/\s+/g, ' ').trim();
const heads = (table) => [...table.tHead.rows[0].cells];
const yearly = (table) => heads(table).length > 1 && heads(table).slice(1).every((head) => /^\d{4}$/.test(plain(head)));

// a cell as a program reads it: signs and thousands as numbers have them, no mark of status, nothing for a dash
function written(cell) {
  const copy = cell.cloneNode(true);
  const mark = [...copy.querySelectorAll('sup')].map((sup) => { sup.remove(); return plain(sup); }).join('');
  copy.querySelectorAll('.year, .more, .reading, .binding, .inferred').forEach((part) => part.prepend(' '));
  copy.querySelectorAll('.code').forEach((part) => part.append(' '));
  let text = plain(copy).replace(/^\u2212/, '-').replace(/^\+(?=\d)/, '');
  if (/^-?\d{1,3}(,\d{3})+(\.\d+)?$/.test(text)) text = text.replaceAll(',', '');
  return { text: text === '\u2014' ? '' : text, mark };
}

// tables by year become a line a year and a column for each of their lines, ranges one for either end
function byYear(held, told) {
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

// other tables as they stand: the rows that are shown, the name of a group in each of its rows
function asPrinted(table, told) {
  const groups = [...table.tBodies].some((part) => part.querySelector('tr.group'));
  const rows = [...table.querySelectorAll('tbody tr:not(.group):not(.lower)')].filter((row) => !row.closest('[hidden]'));
  const group = (row) => { // the last one above it, in its own part of the table
    const above = [...row.parentNode.querySelectorAll('tr.group')].filter((g) => g.compareDocumentPosition(row) & Node.DOCUMENT_POSITION_FOLLOWING);
    return above.length ? plain(above.at(-1)) : '';
  };
  const of = (row, cells) => [...(groups ? [group(row)] : []), ...cells];
  return [[...(groups ? [told.group] : []), ...heads(table).map(plain)], ...rows.map((row) => of(row, [...row.cells].map((cell) => written(cell).text)))];
}

const linesOf = (held, told) => (held.every(yearly) ? byYear(held, told) : asPrinted(held[0], told));

// lines by year with the source of each year's value, which a table beside them tells
function withSources([head, ...lines], table, told) {
  const place = table ? heads(table).map(plain).indexOf(told.origin) : -1, of = new Map();
  if (place < 0) return [head, ...lines];
  [...table.tBodies[0].rows].forEach((row) => [...plain(row.cells[0]).matchAll(/(\d{4})(?:\s?[\u2014\u2013]\s?(\d{4}))?/g)].forEach(([, from, to]) => {
    for (let year = +from; year <= +(to || from); year += 1) of.set(String(year), written(row.cells[place]).text);
  }));
  return [[...head, told.origin], ...lines.map((line) => [...line, of.get(line[0]) ?? ''])];
}

// what it is, where it is from and that it is invented stand in every line, so that no line loses them; no cell is a formula
function csv([head, ...lines], { code, name, unit }, told) {
  const before = code ? [[told.code, code], [told.name, name], [told.unit, unit]] : [[told.table, name]];
  const after = [[told.source, told.from], ...(told.mark ? [[told.note, told.mark]] : [])];
  const safe = (text) => (/^[=+@-]/.test(text) && isNaN(text) ? `'${text}` : text);
  const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const all = [[...before.map(([k]) => k), ...head, ...after.map(([k]) => k)],
    ...lines.map((line) => [...before.map(([, v]) => v), ...line, ...after.map(([, v]) => v)])];
  return `\ufeff${all.map((line) => line.map(safe).map(quoted).join(',')).join('\r\n')}\r\n`;
}
