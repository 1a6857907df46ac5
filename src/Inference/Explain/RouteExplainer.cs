using Fairlead.Accounts.Settings;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Authenticate;
using Fairlead.Inference.Plugins;
using Fairlead.Inference.Prepare;
using Fairlead.Inference.Receive;
using Fairlead.Inference.Relay;
using Fairlead.Inference.Route;
using Fairlead.Inference.Route.Decisions;
using Fairlead.Inference.Routers;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client;
using Microsoft.AspNetCore.Http;

namespace Fairlead.Inference.Explain;

/// <summary>
/// Tells where a request would go and why, without sending it: <c>POST /api/v1/route/explain</c> and <c>fairlead route explain</c>. The same stages as a
/// request's up to Route, and the same words as <c>/generation/why</c> says about one that was sent. A caller without credits may ask too.
/// </summary>
public sealed class RouteExplainer
{
    private readonly CatalogSource catalog;
    private readonly Authenticator authenticate;
    private readonly AccountSettingsIndex accounts;
    private readonly Presets presets;
    private readonly ModelRouters routers;
    private readonly RoutePlans plans;
    private readonly PluginSet plugins;
    private readonly GenerationIds ids;
    private readonly TimeProvider time;

    internal RouteExplainer(CatalogSource catalog, Authenticator authenticate, AccountSettingsIndex accounts, Presets presets, ModelRouters routers, RoutePlans plans,
        PluginSet plugins, GenerationIds ids, TimeProvider time) =>
        (this.catalog, this.authenticate, this.accounts, this.presets, this.routers, this.plans, this.plugins, this.ids, this.time) =
            (catalog, authenticate, accounts, presets, routers, plans, plugins, ids, time);

    /// <summary>The plan of a chat completion's body in plain words, or why there is none, for an account.</summary>
    /// <returns>Lines to print; a plan that leaves nobody is one too. When the body itself is refused, its error.</returns>
    public (IReadOnlyList<string> Lines, string? Error) Explain(ReadOnlyMemory<byte> body, long accountId)
    {
        var context = new InferenceContext(new DefaultHttpContext(), new ChatCompletionsDialect(InferenceServices.MostModels), catalog.Current, time, ids);
        return Decide(context, body, accountId).Try(out var decided, out var error)
            ? ([.. DecisionText.Lines(decided.Decision), .. decided.Missing, .. decided.Unknown.Select(name => $"Nobody is called {name}: passed over.")], null)
            : ([], error.Message);
    }

    internal async Task RunAsync(HttpContext http, IClientDialect dialect)
    {
        var context = new InferenceContext(http, dialect, catalog.Current, time, ids);
        var outcome = await DecideAsync(context);
        if (!outcome.Try(out var decided, out var error))
        {
            await ErrorWriter.WriteAsync(context, error);
            return;
        }

        using var answer = new PooledBody(2048);
        DecisionJson.Write(decided.Decision, attempts: null, decided.Unknown, decided.Missing, answer);
        await JsonReply.WriteAsync(http, answer);
    }

    private async ValueTask<Outcome<Decided>> DecideAsync(InferenceContext context)
    {
        if (!(await Inquiry.ReadAsync(authenticate, context)).Try(out var body, out var error))
            return error;
        using (body)
            return Decide(context, body.Memory, context.Key!.AccountId);
    }

    private Outcome<Decided> Decide(InferenceContext context, ReadOnlyMemory<byte> body, long accountId)
    {
        var account = accounts.Find(accountId);
        if (!Receiver.Parse(context, body).Try(out var received, out var error) || !presets.Apply(context, received, accountId).Try(out received, out error)
            || !Preparation.Apply(context, received, account, routers, plugins).Try(out var prepared, out error))
            return error;
        var plan = plans.Make(context, prepared, account, accountId);
        return new Decided(DecisionReader.Decode(DecisionWriter.Encode(plan))!, RouteErrors.UnknownProviders(prepared.Request.Provider, context), NotLive.Lines(plan.Models));
    }

    /// <summary>What would be decided, the caller's names that are nobody's, and why models have no endpoint at all.</summary>
    private sealed record Decided(StoredDecision Decision, IReadOnlyList<string> Unknown, IReadOnlyList<string> Missing);
}
