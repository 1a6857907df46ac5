using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Authenticate;
using Fairlead.Inference.Receive;
using Fairlead.Inference.Relay;
using Fairlead.Inference.Route.Decisions;
using Fairlead.Ledger.Generations;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Microsoft.AspNetCore.Http;

namespace Fairlead.Inference.Explain;

/// <summary>
/// <c>GET /api/v1/generation/why?id=</c>: why a request went where it went, from the decision kept with its generation. For every key of the account that
/// paid. Ours.
/// </summary>
internal sealed class GenerationWhy(CatalogSource catalog, Authenticator authenticate, GenerationStore generations, GenerationIds ids, TimeProvider time)
{
    // gen-, seconds, dash, 20 characters; anything longer is no id of ours.
    private const int LongestId = 128;

    public async Task RunAsync(HttpContext http, IClientDialect dialect)
    {
        var context = new InferenceContext(http, dialect, catalog.Current, time, ids);
        if (!(await FindAsync(context)).Try(out var found, out var error))
        {
            await ErrorWriter.WriteAsync(context, error);
            return;
        }

        using var answer = new PooledBody(2048);
        DecisionJson.Write(found.Decision, found.Attempts, [], [], answer);
        await JsonReply.WriteAsync(http, answer);
    }

    private async ValueTask<Outcome<Kept>> FindAsync(InferenceContext context)
    {
        // Reading costs nothing and sends nothing: an account in debt and management keys may, as for /generation.
        if (!authenticate.Identify(context).Try(out _, out var error) && (context.Key is null || error.Kind == ErrorKind.Authentication))
            return error;
        string? id = context.Http.Request.Query["id"];
        if (string.IsNullOrEmpty(id))
            return GatewayError.Invalid("Invalid request parameters: id is required.", "id");
        var generation = id.Length <= LongestId ? await generations.FindAsync(context.Key!.AccountId, id, context.Http.RequestAborted) : null;
        if (generation is null)
            return new GatewayError { Kind = ErrorKind.NotFound, Message = $"Generation {(id.Length <= LongestId ? id : id[..LongestId])} not found" };
        return generation.RouteDecision is { } text && DecisionReader.Decode(text) is { } decision
            ? new Kept(decision, generation.ProviderResponses)
            : new GatewayError { Kind = ErrorKind.NotFound, Message = $"No routing decision is kept with generation {id}: it was made by an earlier version, or never routed." };
    }

    private sealed record Kept(StoredDecision Decision, string? Attempts);
}
