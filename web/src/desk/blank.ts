/** Empty the page at once; then, if there is something to say, say it. */
export function blank(sentence = ""): void {
  document.body.replaceChildren();
  document.body.className = "plain";
  if (sentence === "") return;
  const words = document.createElement("p");
  words.className = "ended";
  words.setAttribute("role", "alert");
  words.textContent = sentence;
  document.body.append(words);
}

const NEXT_PROCESS_MS = 400;

/** Blank, and have the desk's process drop everything. The page shows nothing again until it is unlocked. */
export function lock(): void {
  const ended = document.body.dataset["ended"] ?? "";
  blank();
  void fetch("/lock", { method: "POST", body: new URLSearchParams(), redirect: "manual" })
    .then(() => {
      // A moment for the next process to take over.
      setTimeout(() => {
        location.replace("/");
      }, NEXT_PROCESS_MS);
    })
    .catch(() => {
      blank(ended);
    });
}
