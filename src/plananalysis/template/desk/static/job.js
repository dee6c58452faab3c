// Shows how far a command is without the page flickering; without scripts the page loads itself anew.
const place = document.getElementById('job');
const look = async () => {
  const answer = await fetch(location.href).catch(() => null);
  if (!answer || !answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('job');
  place.replaceChildren(...fresh.childNodes);
  if (fresh.dataset.working) setTimeout(look, 1000);
};
setTimeout(look, 1000);
