// What build.mjs gives for the import in inline.js: base64.
declare module 'sonde-web.wasm' {
  const base64: string;
  export default base64;
}
