// A drawing of the page as a file of its own: with title, source and mark, as SVG, and as PNG three times as large.
const width = (text, size) => [...text].reduce((sum, c) => sum + (c.charCodeAt(0) > 0x2e7f || '\u2014\u2026\u201c\u201d\u00b7'.includes(c) ? 1 : 0.56), 0) * size;

function wrapped(text, size, room) {
  return text.match(/[!-~]+|[^]/gu).reduce((lines, word) => {
    if (width(lines.at(-1) + word, size) > room) lines.push('');
    lines[lines.length - 1] += word;
    return lines;
  }, ['']);
}

// the drawing with its title above, source and mark below, and the letters it needs
function picture(figure, told, heading) {
  const drawn = [...figure.querySelectorAll('svg')].find((svg) => svg.getClientRects().length) || figure.querySelector('svg');
  const svg = drawn.cloneNode(true), SVG = drawn.namespaceURI, [, , w, h] = drawn.getAttribute('viewBox').split(' ').map(Number);
  const above = wrapped(heading, 13, w - 8), below = wrapped([told.mark, told.from].filter(Boolean).join(' \u00b7 '), 9, w - 8);
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
