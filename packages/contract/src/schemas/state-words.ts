import { parseStateWords, RUN_STATES } from "@airfleet/model";
import { z } from "zod";

/** Our run states in somebody else's words. */
export const StateWordsSchema = z
  .string()
  .max(1_000)
  .superRefine((text, context) => {
    const words = parseStateWords(text);
    if ("mistake" in words) context.addIssue({ code: "custom", message: words.mistake });
  })
  .meta({
    description: `Adds \`state_word\`: a table (airfleet, cinco, logidata), or one's own as ${RUN_STATES.map((state) => `${state}=…`).join(",")}`,
    example: "cinco",
  });

export const StateWordsQuery = z.strictObject({ state_words: StateWordsSchema.optional() });

/** The state of a run in the words that were asked for; absent when none were. */
export const StateWord = z.string().optional();
