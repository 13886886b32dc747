// @ts-check
// Why the core does not take something: one class for every judgement, told apart by `reason`.

export class Refusal extends Error {
  /**
   * @param {string} reason a word of PROTOCOL section 4 (`too-large`, `not-a-record`, …) or of the module that raises it
   * @param {string} detail for people who look for the cause, in English
   * @param {{cause?: unknown}} [options]
   */
  constructor(reason, detail, options) {
    super(detail, options);
    this.name = "Refusal";
    this.reason = reason;
  }
}
