// The inventory by keyboard: arrow keys go from tile to tile, and Tab past all of them; "/" goes to the search.
const tiles = () => [...document.querySelectorAll(".tile")];
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// Only one tile at a time can be reached with Tab.
const reach = (tile) => {
  for (const one of document.querySelectorAll('.tile[tabindex="0"]')) one.tabIndex = -1;
  tile.tabIndex = 0;
};

const start = () => {
  const [first, ...others] = tiles();
  if (!first) return;
  for (const one of others) one.tabIndex = -1;
  first.tabIndex = 0;
};

// The nearest tile in a direction: what lies off the line counts three times as far.
const nearest = (from, [x, y]) => {
  const here = from.getBoundingClientRect();
  let best = null;
  let least = Infinity;
  for (const one of tiles()) {
    const there = one.getBoundingClientRect();
    const ahead = x ? x * (there.left - here.left) : y * (there.top - here.top);
    const aside = Math.abs(x ? there.top - here.top : there.left - here.left);
    const distance = ahead + 3 * aside;
    if (ahead > 1 && distance < least) [best, least] = [one, distance];
  }
  return best;
};

const isTyping = (target) => target.closest("input, select, textarea, [contenteditable]") !== null;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const search = document.querySelector("[data-focus-key]");
  if (search && event.key === search.dataset.focusKey && !isTyping(event.target)) {
    event.preventDefault();
    search.focus();
    search.select();
    return;
  }
  const tile = event.target.closest(".tile");
  if (!tile || !(event.key in ARROWS)) return;
  const next = nearest(tile, ARROWS[event.key]);
  if (!next) return;
  event.preventDefault();
  reach(next);
  next.focus();
});
document.addEventListener("focusin", (event) => {
  const tile = event.target.closest(".tile");
  if (tile) reach(tile);
});
document.addEventListener("htmx:afterSettle", start);
start();
