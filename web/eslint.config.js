import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

// A test that is left out is a test that cannot fail.
const leftOut = ["it", "test", "describe"].flatMap((object) =>
  ["only", "skip", "skipIf", "todo", "fails"].map((property) => ({
    object,
    property,
    message: "No test is left out; delete it or mend it.",
  })),
);

export default defineConfig(
  { ignores: ["node_modules"] },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "no-console": "error",
      "no-eval": "error",
      "no-implied-eval": "off",
      "no-restricted-properties": ["error", ...leftOut],
      "no-restricted-globals": [
        "error",
        { name: "localStorage", message: "Nothing stays in a visitor's browser." },
        { name: "sessionStorage", message: "Nothing stays in a visitor's browser." },
        { name: "indexedDB", message: "Nothing stays in a visitor's browser." },
      ],
    },
  },
  {
    files: ["src/**/*.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector: "AssignmentExpression[left.property.name=/^(inner|outer)HTML$/]",
          message: "Text from outside never becomes markup; use textContent.",
        },
      ],
    },
  },
  {
    files: ["vitest.config.ts"],
    languageOptions: {
      parserOptions: { projectService: false, project: "./tests/tsconfig.json" },
    },
  },
);
