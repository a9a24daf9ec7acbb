// The progress of a list: the page's own part is fetched anew, so that nobody loses their place; at the end the page is.
const live = document.querySelector("#live");

async function look() {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const next = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#live");
    if (!answer.ok || !next) return location.reload();
    live.replaceChildren(...next.childNodes);
  } catch {
    // The network is away for a moment: the next look says more.
  }
  setTimeout(look, 1500);
}

if (live) setTimeout(look, 1500);
