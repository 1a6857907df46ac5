using Fairlead.Accounts.Settings;
using Fairlead.Catalog.Health;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Attempt;
using Fairlead.Inference.Explain;
using Fairlead.Inference.Prepare;
using Fairlead.Inference.Routers;
using Microsoft.Extensions.Options;

namespace Fairlead.Inference.Route;

/// <summary>Route, at its edge: gathers the planner's inputs (snapshots and a seed) and turns an empty plan into the contract's error.</summary>
internal sealed class RoutePlans(RouteSeeds seeds, HealthBook health, AccountSettingsIndex accounts, PromptCaches caches, IOptions<InferenceOptions> options)
{
    public Outcome<RoutePlan> Plan(InferenceContext context, PreparedRequest prepared)
    {
        var plan = Make(context, prepared, accounts.Find(context.Key!.AccountId), context.Key.AccountId);
        if (plan.Attempts.Length > 0)
            return plan;
        var error = RouteErrors.NothingLeft(plan, prepared, context);
        return RouterMetadata.IsWanted(context.Http.Request.Headers)
            ? error with { RouterMetadata = RouterMetadata.Of(context, prepared.Request, plan, new AttemptLog(prepared.Plugins), served: null) }
            : error;
    }

    /// <summary>The plan, also where nobody is left.</summary>
    public RoutePlan Make(InferenceContext context, PreparedRequest prepared, AccountSettings account, long accountId)
    {
        var seed = seeds.Next();
        if (prepared.Routed is { Kind: RouterKind.Free } drawn)
            prepared = FreeRouter.Draw(prepared, drawn, seed, caches.FindModel(prepared.Request, accountId, drawn.Slug, context.ArrivedAt));
        return RoutePlanner.Plan(
            new RouteQuery
            {
                Request = prepared.Request,
                Models = prepared.Models,
                Routed = prepared.Routed,
                CatalogVersion = context.Catalog.Version,
                Health = health.Current,
                NowMs = context.ArrivedAt.ToUnixTimeMilliseconds(),
                Account = account,
                Sticky = caches.Find(prepared, accountId, context.ArrivedAt),
                Fit = prepared.Plugins.Fit,
                Exacto = context.Catalog.Options.Exacto,
                FilesAreRead = prepared.Plugins.TakeFiles,
                DefaultOutputTokens = options.Value.HoldOutputTokens,
            },
            seed);
    }
}
