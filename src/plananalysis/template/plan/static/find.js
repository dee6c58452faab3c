// Finds targets, domains and units of the editions that the page lists: by code, name, pinyin, unit or area, in the list it holds itself.
document.addEventListener('DOMContentLoaded', () => {
  const place = document.querySelector('.find');
  if (!place) return;
  const [field, status, list] = ['input', '[role=status]', 'ol'].map((part) => place.querySelector(part));
  const { editions, rows } = JSON.parse(place.querySelector('script').textContent);
  const fold = (text) => text.normalize('NFKC').toLowerCase().replace(/\u00fc/g, 'v');
  const entries = rows.map(([code, name, pinyin, unit, about, file, held]) => ({
    code, name, unit, about, file, held, key: fold(code), title: fold(name), sounds: pinyin ? pinyin.split(' ') : [],
    rest: fold([unit, about, ...held.map((n) => editions[n].slice(1).join(' '))].join(' ')),
  }));
  const most = 50;

  // every syllable gives its beginning or all of itself: chanfu, cf and chanf all find what is written chan fu
  function spelt(sounds, from, word) {
    if (word === '') return true;
    if (from === sounds.length) return false;
    for (let k = Math.min(sounds[from].length, word.length); k > 0; k -= 1) {
      if (sounds[from].startsWith(word.slice(0, k)) && spelt(sounds, from + 1, word.slice(k))) return true;
    }
    return false;
  }

  function rank(entry, word) {
    if (entry.key === word) return 0;
    if (entry.key && entry.key.startsWith(word)) return 1;
    if (entry.title.startsWith(word)) return 2;
    if (entry.title.includes(word)) return 3;
    if (/^[a-z0-9]{2,}$/.test(word) && entry.sounds.some((_, i) => spelt(entry.sounds, i, word))) return 4;
    return entry.rest.includes(word) ? 5 : NaN;
  }

  function link(href, ...content) {
    const made = document.createElement('a');
    made.href = href;
    made.append(...content);
    return made;
  }

  function part(role, text) {
    const made = document.createElement('span');
    made.className = role;
    made.textContent = text;
    return made;
  }

  function line({ code, name, unit, about, file, held: [first, ...others] }) {
    const [folder, area, form] = editions[first];
    const made = document.createElement('li');
    made.append(link(`${folder}/${file}`, ...(code ? [part('code', code)] : []), name));
    if (unit) made.append(part('unit', status.dataset.unit.replace('{unit}', unit)));
    made.append(part('about', `${area} ${form} \u00b7 ${about}`));
    if (others.length) {
      const rest = part('others', status.dataset.others);
      others.forEach((n) => rest.append(' ', link(`${editions[n][0]}/${file}`, editions[n][2])));
      made.append(rest);
    }
    return made;
  }

  function find() {
    const words = fold(field.value).split(/\s+/).filter(Boolean);
    const score = (entry) => words.reduce((sum, word) => sum + rank(entry, word), 0);
    const found = words.length ? entries.map((e) => [score(e), e]).filter(([s]) => !isNaN(s)).sort((a, b) => a[0] - b[0]) : [];
    list.replaceChildren(...found.slice(0, most).map(([, entry]) => line(entry)));
    const told = !words.length ? '' : status.dataset[found.length > most ? 'many' : found.length ? 'some' : 'none'];
    status.textContent = told.replace('{count}', found.length).replace('{shown}', most);
    history.replaceState(null, '', field.value.trim() ? `#?find=${encodeURIComponent(field.value.trim())}` : '#');
  }

  const links = () => [...list.querySelectorAll('li > a')];
  field.addEventListener('input', find);
  place.addEventListener('keydown', (e) => {
    const at = links().indexOf(document.activeElement);
    if (e.key === 'Escape') { field.value = ''; find(); field.focus(); }
    if (e.key === 'Enter' && e.target === field && !e.isComposing) links()[0]?.click();
    if (e.key === 'ArrowDown' && !e.isComposing) { (links()[at + 1] || field).focus(); e.preventDefault(); }
    if (e.key === 'ArrowUp' && at >= 0) { (links()[at - 1] || field).focus(); e.preventDefault(); }
  });

  function enter() { // what is hidden until the font is there takes no keys
    if (document.documentElement.classList.contains('waiting')) requestAnimationFrame(enter);
    else field.focus();
  }

  function recall() {
    if (location.hash === '#find') enter();
    if (!location.hash.startsWith('#?find=')) return;
    field.value = new URLSearchParams(location.hash.slice(2)).get('find');
    find();
  }

  addEventListener('hashchange', recall);
  recall();
});
