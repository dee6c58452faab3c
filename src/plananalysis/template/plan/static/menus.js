// Menus of the page: one open at a time, none that stays behind; without scripts each opens and closes by itself.
document.addEventListener('DOMContentLoaded', () => {
  document.querySelectorAll('nav details').forEach((menu) => {
    menu.addEventListener('keydown', (e) => { if (e.key === 'Escape') { menu.open = false; menu.firstElementChild.focus(); } });
    menu.addEventListener('focusout', (e) => { if (e.relatedTarget && !menu.contains(e.relatedTarget)) menu.open = false; });
    document.addEventListener('click', (e) => { if (!menu.contains(e.target) || e.target.matches('a')) menu.open = false; });
  });
});
