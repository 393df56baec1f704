import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // The screens are written for React and checked against its types; what reaches the browser is Preact's build of the same API, which
  // weighs a tenth of react-dom and leaves the bundle below 130 kB.
  resolve: {
    alias: {
      "react/jsx-runtime": "preact/jsx-runtime",
      "react-dom/client": "preact/compat/client",
      "react-dom": "preact/compat",
      react: "preact/compat",
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
      { name: "marks", test: /screens[\\/]rules|parts[\\/]severity|charts[\\/]ageing/ },
      { name: "desk", test: /screens[\\/](customer|event|what-if|limit-request)/ },
      { name: "office", test: /screens[\\/](audit|chain|views|settings|health|dead-letters|limits|limit-gaps|endings|policy|proposals|scorecards|group)/ },
    ] } } },
  },
  server: { proxy: { "/api": "http://localhost:8480", "/health": "http://localhost:8480" } },
});
