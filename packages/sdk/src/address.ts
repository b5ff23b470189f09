/** Fills `{names}` of a path; each value is one segment whatever it contains. */
export const fillPath = (template: string, params: Readonly<Record<string, string | number>>): string =>
  template.replaceAll(/\{([a-z_]+)\}/g, (_, name: string) => {
    const text = String(params[name] ?? "");
    // A segment of dots is removed by every URL parser, so it could never name anything.
    if (text === "" || text === "." || text === "..")
      throw new TypeError(`"${text}" cannot be the ${name} in ${template}.`);
    return encodeURIComponent(text);
  });

const spell = (value: unknown): string => (Array.isArray(value) ? value.join(",") : String(value));

/** Adds what is set to the query: lists become `a,b,c`. */
export const addQuery = (url: URL, query: Readonly<Record<string, unknown>>): void => {
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null) url.searchParams.set(name, spell(value));
  }
};
