const COLOURS = new RegExp(String.raw`\u001B\[[0-9;:]*m`, "g");

/** The text without colours. */
export const withoutColours = (text: string): string => text.replaceAll(COLOURS, "");

/** What moves a cursor or worse; line ends and tabs are text. */
export const CONTROLS = new RegExp(String.raw`[\u0000-\u0008\u000B-\u001F\u007F-\u009F]`);
