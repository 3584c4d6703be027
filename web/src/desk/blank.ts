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

/** Blank, and have the desk's process drop everything. The page shows nothing again until it is unlocked. */
export function lock(): void {
  const ended = document.body.dataset["ended"] ?? "";
  blank();
  void fetch("/lock", { method: "POST", body: new URLSearchParams(), redirect: "manual" })
    .then(() => {
      location.replace("/");
    })
    .catch(() => {
      blank(ended);
    });
}
