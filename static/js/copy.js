// Buttons that copy a field's text, or the names of the ticked rows of a table. Without scripts they stay hidden. They listen
// on the document, since htmx replaces tables.
const announce = (text) => {
  const announcer = document.getElementById("announcer");
  if (announcer) announcer.textContent = text;
};

const copied = (button) => {
  const label = button.dataset.label ?? button.textContent;
  button.dataset.label = label;
  button.textContent = button.dataset.copied;
  announce(button.dataset.copied);
  setTimeout(() => { button.textContent = label; }, 2000);
};

const copy = async (button, text) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // The clipboard needs https; the older way works on any page.
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
    button.focus();
  }
  copied(button);
};

const textFor = (button) => {
  if (button.dataset.copy) return document.getElementById(button.dataset.copy).value;
  const ticked = document.querySelectorAll(".select-cell input[name=member]:checked");
  return [...ticked].map((box) => box.dataset.name).join("\n");
};

const COPY = "[data-copy], [data-copy-selected]";
const show = () => { for (const button of document.querySelectorAll(COPY)) button.hidden = false; };

document.addEventListener("click", (event) => {
  const button = event.target.closest(COPY);
  if (button) copy(button, textFor(button));
});
document.addEventListener("htmx:afterSettle", show);
show();
