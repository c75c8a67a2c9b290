declare module "*/common.ftl" {
  const texts: import("./texts").Catalogue<"common">;
  export default texts;
}
declare module "*/citizen.ftl" {
  const texts: import("./texts").Catalogue<"citizen">;
  export default texts;
}
declare module "*/demo.ftl" {
  const texts: import("./texts").Catalogue<"demo">;
  export default texts;
}
declare module "*/gate.ftl" {
  const texts: import("./texts").Catalogue<"gate">;
  export default texts;
}
