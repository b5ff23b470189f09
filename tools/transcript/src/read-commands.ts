/** The commands of a guide's ```bash blocks in order; a line that ends in a backslash goes on in the next one. */
export const readCommands = (markdown: string): readonly string[] =>
  [...markdown.matchAll(/^```bash\n([\s\S]*?)^```$/gm)].flatMap(([, block = ""]) =>
    block
      .replaceAll(/\\\n/g, "\\\u0000")
      .split("\n")
      .map((line) => line.replaceAll("\u0000", "\n"))
      .filter((line) => line.trim() !== "" && !line.startsWith("#")),
  );
