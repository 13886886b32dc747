// @ts-check
// Shows passwords while they are typed, on the person's wish. Without this script the box is not offered.

for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("input[data-reveal]"))) {
  const fields = (box.dataset["reveal"] ?? "").split(" ").map((id) => document.getElementById(id)).filter((field) => field instanceof HTMLInputElement);
  const follow = () => {
    for (const field of fields) field.type = box.checked ? "text" : "password";
  };
  box.addEventListener("change", follow);
  // Browsers keep the passwords that were typed, and offer to save them, only as passwords.
  box.form?.addEventListener("submit", () => {
    box.checked = false;
    follow();
  });
  const label = box.closest("label");
  if (label) label.hidden = false;
}
