// HTML validation rules for every page.
import { HtmlValidate, formatterFactory } from "html-validate";

const validator = new HtmlValidate({
  root: true,
  extends: ["html-validate:recommended"],
  rules: {
    // The sanitiser writes `disabled=""`.
    "attribute-boolean-style": "off",
    // The default type of buttons, submit, is intended here.
    "no-implicit-button-type": "off",
    // The box around a wide table is a region because it can be scrolled; it is not a section.
    "prefer-native-element": ["error", { exclude: ["region"] }],
  },
});

/** Validates `html`; returns the errors as text, empty if there are none. */
export async function validationErrors(html, name) {
  const report = await validator.validateString(html, name);
  return formatterFactory("text")(report.results);
}
