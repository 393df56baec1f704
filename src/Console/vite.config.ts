import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const ours = fileURLToPath(new URL("./src/react.ts", import.meta.url));

export default defineConfig({
  plugins: [react()],
  // The screens are written for React and checked against its types; what reaches the browser is Preact with what they use of React's API,
  // which weighs a tenth of react-dom and leaves the bundle below 130 kB.
  resolve: {
    alias: {
      "react/jsx-runtime": "preact/jsx-runtime",
      "react-dom/client": ours,
      react: ours,
    },
  },
  build: {
    outDir: "dist",
    // The page allows no inline script, and every browser that it serves loads modules by itself.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: true,
    // Small screens share words and shapes: together they are smaller than each by itself, and one request brings them.
    rolldownOptions: { output: { codeSplitting: { includeDependenciesRecursively: false, groups: [
      { name: "work", test: /screens[\\/](rules|holds|hold-|alert|customer|event|what-if|limit-request)|parts[\\/](severity|age|reasons)|charts[\\/]ageing/ },
      { name: "office", test: /screens[\\/](audit|chain|views|settings|health|dead-letters|limits|limit-gaps|endings|policy|proposals|scorecards|group)/ },
    ] } } },
  },
  server: { proxy: { "/api": "http://localhost:8480", "/health": "http://localhost:8480" } },
});
