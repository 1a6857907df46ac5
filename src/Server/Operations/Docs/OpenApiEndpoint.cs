using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Fairlead.Server.Operations.Docs;

/// <summary>
/// <c>GET /openapi.json</c> and <c>/openapi.yaml</c>: our own description, made from the endpoints at the first request (a server nobody asks for it never builds it) and kept
/// as bytes from then on, since endpoints do not change while a process runs.
/// </summary>
internal sealed class OpenApiEndpoint(IServiceProvider services) : IDisposable
{
    /// <summary>Name of the document among the registered ones.</summary>
    private const string Document = "fairlead";
    private readonly SemaphoreSlim building = new(1, 1);
    private Forms? built;

    /// <summary>Registers the generator.</summary>
    public static void Add(IServiceCollection services)
    {
        services.AddOpenApi(Document, options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.AddDocumentTransformer(static (document, _, _) =>
            {
                Describe(document);
                return Task.CompletedTask;
            });
        });
        services.AddSingleton<OpenApiEndpoint>();
    }

    /// <summary>Maps the document.</summary>
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/openapi.json", (OpenApiEndpoint self, HttpContext http) => self.ShowAsync(http, "application/json; charset=utf-8", static forms => forms.Json))
            .ExcludeFromDescription();
        endpoints.MapGet("/openapi.yaml", (OpenApiEndpoint self, HttpContext http) => self.ShowAsync(http, "application/yaml; charset=utf-8", static forms => forms.Yaml))
            .ExcludeFromDescription();
    }

    /// <inheritdoc/>
    public void Dispose() => building.Dispose();

    private async Task ShowAsync(HttpContext http, string contentType, Func<Forms, byte[]> form)
    {
        var bytes = form(Volatile.Read(ref built) ?? await BuildAsync(http.RequestAborted));
        http.Response.ContentType = contentType;
        http.Response.ContentLength = bytes.Length;
        await http.Response.BodyWriter.WriteAsync(bytes, http.RequestAborted);
    }

    private async Task<Forms> BuildAsync(CancellationToken cancellationToken)
    {
        await building.WaitAsync(cancellationToken);
        try
        {
            if (built is { } there)
                return there;
            var document = await services.GetRequiredKeyedService<IOpenApiDocumentProvider>(Document).GetOpenApiDocumentAsync(cancellationToken);
            await using var text = new StringWriter(CultureInfo.InvariantCulture);
            document.SerializeAsV31(new OpenApiJsonWriter(text));
            var json = JsonNode.Parse(text.ToString())!.AsObject();
            RawEndpoints.Complete(json);
            await using var yaml = new StringWriter(CultureInfo.InvariantCulture);
            new OpenApiYamlWriter(yaml).WriteAny(json);
            var forms = new Forms(JsonSerializer.SerializeToUtf8Bytes(json), Encoding.UTF8.GetBytes(yaml.ToString()));
            Volatile.Write(ref built, forms);
            return forms;
        }
        finally
        {
            building.Release();
        }
    }

    private sealed record Forms(byte[] Json, byte[] Yaml);

    private static void Describe(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Fairlead",
            Version = typeof(OpenApiEndpoint).Assembly.GetName().Version?.ToString(3) ?? "0",
            Description = "One API for every model and provider. Send your key as `Authorization: Bearer sk-or-v1-…`.",
            License = new OpenApiLicense { Name = "Apache-2.0", Identifier = "Apache-2.0" },
        };
        // Relative to where the document was read, so that it is right behind any proxy.
        document.Servers = [new OpenApiServer { Url = "/" }];
        var components = document.Components ??= new OpenApiComponents();
        components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
        components.SecuritySchemes["apiKey"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An API key." };
        var need = new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("apiKey", document)] = [] };
        foreach (var (path, item) in document.Paths)
        {
            if (!path.StartsWith("/api/", StringComparison.Ordinal) || item.Operations is null)
                continue;
            // Endpoints that read a key say that they may answer 401.
            foreach (var operation in item.Operations.Values.Where(operation => operation.Responses?.ContainsKey("401") == true))
                operation.Security ??= [need];
        }
    }
}
