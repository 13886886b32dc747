// @ts-check
// An element of a template held by the screen that draws it: for what a template cannot say, as opening the camera for a video.

import { noChange } from "../../vendor/lit-html/lit-html.js";
import { Directive, directive } from "../../vendor/lit-html/directive.js";

/** Give the element to `tell` at every drawing; what is new about it is `tell`'s to see. lit's own `ref` tells once, and a screen that let go would not hold again. */
class Held extends Directive {
  /** @param {(element: Element) => void} tell */
  render(tell) {
    void tell;
    return noChange;
  }

  /**
   * @param {import("../../vendor/lit-html/directive.js").ElementPart} part
   * @param {[(element: Element) => void]} given
   */
  update(part, [tell]) {
    tell(part.element);
    return noChange;
  }
}

export const held = directive(Held);
