// A page whose data is being fetched asks a small address whether that is done, more and more rarely, and not while its tab is
// hidden. When it is done, the page shows the new data, unless somebody is using it: then it shows a link.
{
  const SHORTEST = 2000;
  const LONGEST = 30000;
  let timer;
  let wait;

  // Pages that poll with htmx update themselves; they only have to stop in a hidden tab, too.
  const isPolling = () => document.querySelector("[hx-trigger^=every]") !== null;
  const marker = () => (isPolling() ? null : document.querySelector("[data-updates]"));

  const isInUse = (content) => {
    const focused = document.activeElement;
    if (focused !== content && content.contains(focused)) return true;
    if (content.querySelector("details[open], dialog[open]")) return true;
    return [...content.querySelectorAll("input, textarea, select")].some((field) =>
      field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked
        : field.options ? [...field.options].some((one) => one.selected !== one.defaultSelected && one.index > 0)
          : field.value !== field.defaultValue);
  };

  const show = async (element) => {
    const content = document.getElementById("content");
    const link = element.querySelector("a[hidden]");
    if (isInUse(content)) {
      if (link) link.hidden = false;
      return;
    }
    const response = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!response.ok || response.redirected) return;
    const done = element.dataset.done;
    htmx.swap(content, await response.text(), { swapStyle: "outerHTML" }, { select: "#content" });
    const announcer = document.getElementById("announcer");
    if (announcer && !marker()) announcer.textContent = done;
  };

  const ask = async () => {
    const element = marker();
    if (!element) return;
    try {
      const response = await fetch(element.dataset.updates, { cache: "no-cache" });
      if (response.status === 404) return;
      const { busy, version } = await response.json();
      if (version !== element.dataset.version) {
        element.dataset.version = version;
        await show(element);
      }
      if (!busy) return;
    } catch {
      // The network can be back at the next attempt.
    }
    later();
  };

  const later = () => {
    clearTimeout(timer);
    const element = document.hidden ? null : marker();
    if (!element) return;
    // What takes one request only, such as a profile of Destiny, is there before that.
    wait ??= Number(element.dataset.first) || SHORTEST;
    timer = setTimeout(ask, wait);
    wait = Math.min(wait * 1.5, LONGEST);
  };

  document.addEventListener("visibilitychange", () => {
    wait = undefined;
    later();
  });
  // The last answer to a poll ends it: that something is being fetched is over then, and what else is on the page is new.
  let wasPolling = isPolling();
  document.addEventListener("htmx:afterSettle", () => {
    if (wasPolling && !isPolling()) for (const one of document.querySelectorAll(".messages .info")) one.remove();
    wasPolling = isPolling();
    later();
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden && event.detail.elt.matches("[hx-trigger^=every]")) event.preventDefault();
  });
  later();
}
