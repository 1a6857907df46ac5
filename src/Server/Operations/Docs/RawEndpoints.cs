using System.Reflection;
using System.Text.Json.Nodes;

namespace Fairlead.Server.Operations.Docs;

/// <summary>
/// Endpoints that read and write bytes themselves (the hot path) have no parameter and answer types to generate a description from. They get a method
/// for the generator to find, and what it cannot know is added from <c>inference.openapi.json</c>.
/// </summary>
internal static class RawEndpoints
{
    private static readonly MethodInfo Shape = ((Func<HttpContext, Task>)Raw).Method;

    /// <summary>Everything mapped on the result is described, raw endpoints included.</summary>
    public static IEndpointRouteBuilder Described(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("");
        ((IEndpointConventionBuilder)group).Add(endpoint =>
        {
            if (!endpoint.Metadata.OfType<MethodInfo>().Any())
                endpoint.Metadata.Add(Shape);
        });
        return group;
    }

    /// <summary>Adds what is known about raw endpoints to the generated document; only for paths that are there.</summary>
    public static void Complete(JsonObject document)
    {
        using var resource = typeof(RawEndpoints).Assembly.GetManifestResourceStream("Fairlead.Server.Operations.Docs.inference.openapi.json")
            ?? throw new InvalidOperationException("inference.openapi.json is not embedded.");
        var known = JsonNode.Parse(resource)!.AsObject();
        var paths = document["paths"]!.AsObject();
        foreach (var (path, operations) in known["paths"]!.AsObject())
        {
            foreach (var (method, members) in operations!.AsObject())
            {
                if (paths[path]?[method] is not JsonObject operation)
                    continue;
                foreach (var (name, member) in members!.AsObject())
                    operation[name] = member!.DeepClone();
                operation["security"] = new JsonArray(new JsonObject { ["apiKey"] = new JsonArray() });
            }
        }

        var components = Child(document, "components");
        var schemas = Child(components, "schemas");
        foreach (var (name, schema) in known["components"]!["schemas"]!.AsObject())
            schemas.TryAdd(name, schema!.DeepClone());
    }

    private static JsonObject Child(JsonObject parent, string name)
    {
        if (parent[name] is JsonObject there)
            return there;
        var made = new JsonObject();
        parent[name] = made;
        return made;
    }

    // Only its signature is looked at.
    private static Task Raw(HttpContext http) => Task.CompletedTask;
}
