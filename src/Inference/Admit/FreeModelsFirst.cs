using Fairlead.Accounts.Settings;
using Fairlead.Inference.Receive;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Admit;

/// <summary>
/// Where a request is refused for another reason before Admit, and its account has used up its free models: that is told first if the request asks for free
/// models only (P28). Only requests that are refused anyway come here.
/// </summary>
internal sealed class FreeModelsFirst(RateGate rates, AccountSettingsIndex accounts)
{
    /// <summary>The error to tell instead of one about the body or the route.</summary>
    public async ValueTask<GatewayError> InsteadOfAsync(InferenceContext context, PooledBody body, GatewayError later) =>
        FreeModelNames.AreAll(body.Span, DefaultModel(context)) && await rates.RefusesFreeModelAsync(context) is { } refusal ? refusal : later;

    /// <summary>The same for a key that has spent its limit: its body is read only where free models are used up.</summary>
    public async ValueTask<GatewayError> InsteadOfAsync(InferenceContext context, GatewayError later)
    {
        if (await rates.RefusesFreeModelAsync(context) is not { } refusal || !(await Receiver.ReadAsync(context)).Try(out var body, out _))
            return later;
        using (body)
            return FreeModelNames.AreAll(body.Span, DefaultModel(context)) ? refusal : later;
    }

    private string? DefaultModel(InferenceContext context) => accounts.Find(context.Key!.AccountId).DefaultModel ?? context.Catalog.Options.DefaultModel;
}
