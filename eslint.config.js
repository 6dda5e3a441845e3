"use strict";
// The TV app is ES5 for engines down to Chrome 30 (.browserslistrc); this proves it at the API level.
const js = require("@eslint/js");
const compat = require("eslint-plugin-compat");
const globals = require("globals");

module.exports = [
  // Vendored libraries keep their own style.
  { ignores: ["**/vendor/**", "build/**", "var/**"] },
  js.configs.recommended,
  (compat.default || compat).configs["flat/recommended"],
  {
    files: ["stb_app/src/**/*.js"],
    languageOptions: {
      ecmaVersion: 5,
      sourceType: "script",
      globals: globals.browser,
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: ["error", "always"],
      "no-unused-vars": ["error", { caughtErrors: "none" }],
      "no-implicit-globals": "off",
    },
  },
];
