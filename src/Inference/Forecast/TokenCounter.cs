using System.Text.Json;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Authenticate;
using Fairlead.Inference.Explain;
using Fairlead.Inference.Prepare;
using Fairlead.Inference.Receive;
using Fairlead.Inference.Relay;
using Fairlead.Inference.Route;
using Fairlead.Protocols.Canonical;
using Microsoft.AspNetCore.Http;

namespace Fairlead.Inference.Forecast;

/// <summary>
/// <c>POST /api/v1/messages/count_tokens</c> (I-57): how many tokens a request would have, by the estimate that routing and holds go by. Sends nothing, costs
/// nothing; a caller without credits may ask too.
/// </summary>
internal sealed class TokenCounter(CatalogSource catalog, Authenticator authenticate, Presets presets, GenerationIds ids, TimeProvider time)
{
    public async Task RunAsync(HttpContext http, IClientDialect dialect)
    {
        var context = new InferenceContext(http, dialect, catalog.Current, time, ids);
        if (!(await Inquiry.ReadAsync(authenticate, context)).Try(out var body, out var error))
        {
            await ErrorWriter.WriteAsync(context, error);
            return;
        }

        using (body)
        {
            if (!Receiver.Parse(context, body.Memory).Try(out var request, out error)
                || !presets.Apply(context, request, context.Key!.AccountId).Try(out request, out error))
            {
                await ErrorWriter.WriteAsync(context, error);
                return;
            }

            using var answer = new PooledBody(64);
            using (var json = new Utf8JsonWriter(answer))
            {
                json.WriteStartObject();
                json.WriteNumber("input_tokens", RoutePlanner.PromptTokens(request.Content, Group(context, request)));
                json.WriteEndObject();
            }

            await JsonReply.WriteAsync(http, answer);
        }
    }

    private static string? Group(InferenceContext context, CanonicalRequest request) =>
        request.Model is { } model ? context.Catalog.Find(ModelReference.Parse(model).Slug)?.Architecture.Tokenizer : null;
}
