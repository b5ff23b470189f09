/** What a curl line asks for. */
export interface SeedLine {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** Reads a curl line of the guide, so that a machine without curl can run it too. */
export const parseSeedLine = (command: string, runId: string): SeedLine => {
  const line = command.replaceAll(/\\\n\s*/g, " ").replaceAll("$RUN_ID", encodeURIComponent(runId));
  const headers = [...line.matchAll(/-H "([^:"]+): ([^"]+)"/g)].map(([, name = "", value = ""]) => [name, value]);
  return {
    method: /-X (\w+)/.exec(line)?.[1] ?? "GET",
    path: /http:\/\/localhost:3000([^"\s]*)/.exec(line)?.[1] ?? "/",
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: /-d '([^']*)'/.exec(line)?.[1],
  };
};
