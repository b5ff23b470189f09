import { defineErrors } from "./definition.ts";

/** What can be wrong with a selector. */
export const selectorErrors = defineErrors({
  SELECTOR_INVALID: {
    status: 400,
    retryable: false,
    message: 'The selector is wrong at character {position}, "{term}": {reason}. {hint}',
  },
});
