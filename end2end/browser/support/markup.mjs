// The rules that the HTML of every page keeps.
import { HtmlValidate, formatterFactory } from "html-validate";

const validator = new HtmlValidate({
  root: true,
  extends: ["html-validate:recommended"],
  rules: {
    // How the sanitiser writes `disabled=""`.
    "attribute-boolean-style": "off",
    // What a button without a type does, submit its form, is what the buttons here are for.
    "no-implicit-button-type": "off",
    // The box round a wide table is a region because it can be scrolled, not because it is a section of the text.
    "prefer-native-element": ["error", { exclude: ["region"] }],
  },
});

/** What is wrong with `html`, as a text; nothing for a page as it should be. */
export async function faults(html, name) {
  // Leptos marks where text begins with `<!>`, which browsers read as an empty comment; the validator wants it whole.
  const report = await validator.validateString(html.replaceAll("<!>", "<!---->"), name);
  return formatterFactory("text")(report.results);
}
