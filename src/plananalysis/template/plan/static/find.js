// Finds targets, domains and units of the editions that the page lists: by code, name, pinyin, unit or area, in the list it holds itself.
document.addEventListener('DOMContentLoaded', () => {
  const place = document.querySelector('.find');
  if (!place) return;
  const [field, status, list] = ['input', '[role=status]', 'ol'].map((part) => place.querySelector(part));
  const { editions, rows } = JSON.parse(place.querySelector('script').textContent);
  // one form of what can be typed in several ways: width, capitals, tones, and the v of ü
  const fold = (text) => text.normalize('NFKC').toLowerCase().replace(/[\u00fc\u01d6\u01d8\u01da\u01dc]/g, 'v').normalize('NFD').replace(/[\u0300-\u036f]/g, '').normalize('NFC');
  const also = fold(status.dataset.also).split(';').map((line) => line.split(/[=|]/));
  // sounds that many do not tell apart: zh and z, ing and in, l and n
  const alike = (text) => text.replace(/([zcs])h/g, '$1').replace(/ng/g, 'n').replace(/l/g, 'n');
  const entries = rows.map(([code, name, pinyin, unit, about, file, held]) => ({
    code, name, unit, about, file, held, key: fold(code), title: fold(name), sounds: pinyin ? pinyin.split(' ') : [],
    bare: fold(code).replace(/^([a-z]+)0+/, '$1').replace(/a$/, ''), alike: pinyin ? alike(pinyin).split(' ') : [],
    rest: fold([unit, about, ...held.map((n) => editions[n].slice(1).join(' '))].join(' ')),
  }));
  const most = 50;

  // every syllable gives its beginning or all of itself: chanfu, cf and chanf all find what is written chan fu;
  // with gaps some may be passed over
  function spelt(sounds, from, word, gaps) {
    if (word === '') return true;
    if (from === sounds.length) return false;
    for (let k = Math.min(sounds[from].length, word.length); k > 0; k -= 1) {
      if (sounds[from].startsWith(word.slice(0, k)) && spelt(sounds, from + 1, word.slice(k), gaps)) return true;
    }
    return gaps && spelt(sounds, from + 1, word, gaps);
  }
  const begins = (sounds, word, gaps) => sounds.some((s, i) => s[0] === word[0] && spelt(sounds, i, word, gaps));

  // a word in whole syllables, which is meant rather than one that only begins so: canji is can ji before can jia
  function written(sounds, word) {
    return sounds.some((_, i) => {
      let so = '';
      for (let k = i; k < sounds.length && so.length < word.length; k += 1) so += sounds[k];
      return so === word;
    });
  }

  // how far apart the characters of a word stand in a name that has them in this order; undefined where it has not
  function spread(title, word) {
    const ends = (from) => [...word.slice(1)].reduce((at, c) => (at < 0 ? at : title.indexOf(c, at + 1)), from);
    const apart = [...title].map((c, i) => (c === word[0] ? ends(i) - i : -1)).filter((far) => far > 0);
    return apart.length ? Math.min(...apart) : undefined;
  }

  function exact(entry, word) {
    if (entry.key === word) return 0;
    if (entry.bare === word) return 0.5;
    if (entry.key && entry.key.startsWith(word)) return 1;
    if (entry.title.startsWith(word)) return 2;
    if (entry.title.includes(word)) return 3;
    if (/^[a-z0-9]{2,}$/.test(word)) {
      if (written(entry.sounds, word)) return 3.5;
      if (begins(entry.sounds, word)) return 4;
      if (word.length > 2 && begins(entry.alike, alike(word))) return 4.5;
    }
    return entry.rest.includes(word) ? 5 : NaN;
  }

  // a name that has the word with other words in between, or its characters in another order
  function loose(entry, word) {
    if (/^[a-z]{3,}$/.test(word)) return begins(entry.sounds, word, true) ? 8 : NaN;
    if (word.length < 2 || /[a-z]/.test(word)) return NaN;
    const far = spread(entry.title, word);
    if (far !== undefined) return 6 + far / 100;
    return word.length > 2 && [...word].every((c) => entry.title.includes(c)) ? 7 : NaN;
  }

  // the word itself, what plans call the same thing, and without an ending that says only what kind of number it is
  function variants(word) {
    const made = new Set([word]);
    also.forEach(([said, ...means]) => { if (word.includes(said)) means.forEach((m) => made.add(word.replace(said, m))); });
    [...made].forEach((w) => made.add(w.replace(/(?<=..)(占比|比例|比率|人数|情况|指标|目标|率|数)$/, '')));
    return [...made];
  }

  function rank(entry, forms, how) {
    return Math.min(...forms.map((form, i) => how(entry, form) + Math.min(i, 1) / 4).filter((n) => !isNaN(n)));
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
    const words = fold(field.value).split(/\s+|(?<=[\u4e00-\u9fff])(?=[a-z])|(?<=[a-z])(?=[\u4e00-\u9fff])/).filter(Boolean).map(variants);
    const ranked = (how) => entries.map((e) => [words.reduce((sum, forms) => sum + rank(e, forms, how), 0), e])
      .filter(([s]) => words.length && isFinite(s)).sort((a, b) => a[0] - b[0]);
    const strict = ranked(exact); // what has the words as they stand; only where nothing has, what comes near
    const found = strict.length ? strict : ranked((e, word) => { const n = exact(e, word); return isNaN(n) ? loose(e, word) : n; });
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
