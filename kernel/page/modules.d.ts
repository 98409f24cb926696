declare module "*.css";
declare module "*.js";
