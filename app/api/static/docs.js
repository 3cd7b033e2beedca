// Starts Swagger UI on this API's own description; nothing is asked of any other server.
// Its questions go where this page came from, whatever address the server knows itself by.
const here = new URL(".", document.baseURI).href;
fetch(new URL("openapi.json", here))
  .then((response) => response.json())
  .then((description) => {
    description.servers = [{ url: here.replace(/\/$/, "") }];
    SwaggerUIBundle({
      spec: description,
      dom_id: "#docs",
      deepLinking: true,
      defaultModelsExpandDepth: -1,
      displayRequestDuration: true,
      tryItOutEnabled: true,
      validatorUrl: null,
    });
  });
