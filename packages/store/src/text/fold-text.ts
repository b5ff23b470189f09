import { toStorableText } from "./storable-text.ts";

/** Text as it is searched: ignoring case, in every script. */
export const foldText = (text: string): string => toStorableText(text).toLowerCase();
