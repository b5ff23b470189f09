import { glob as filesLike, readFile, writeFile } from "node:fs/promises";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** Sent as it lies there: nobody compresses while a reader waits. */
const compress = (): Plugin => ({
  name: "compress",
  apply: "build",
  async closeBundle() {
    for await (const file of filesLike("dist/app/**/*.{js,css,html,svg}")) {
      const bytes = await readFile(file);
      await writeFile(`${file}.gz`, gzipSync(bytes, { level: 9 }));
      await writeFile(`${file}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }));
    }
  },
});

export default defineConfig({
  plugins: [react(), compress()],
  resolve: { conditions: ["@airfleet/source", "module", "browser", "production", "default"] },
  build: {
    outDir: "dist/app",
    // Everything is a file of ours: the policy of our pages allows no inline code and no data URLs but pictures.
    assetsInlineLimit: (file) => (file.endsWith(".svg") ? undefined : false),
    modulePreload: { polyfill: false },
    target: "es2024",
    sourcemap: false,
  },
  server: { proxy: { "/api": "http://127.0.0.1:3000" } },
});
