using Fairlead.Catalog.Pricing;
using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Catalog.Building;

/// <summary>The endpoint of a router that the gateway answers itself, without any provider: free, and nothing leaves the house.</summary>
internal static class GatewayEndpoint
{
    private const int ContextLength = 128_000;

    private static readonly DataPolicy NothingKept = new(Training: false, RetainsPrompts: false, RetentionDays: 0, CanPublish: false);

    private static readonly Provider Gateway = new()
    {
        Slug = "fairlead", Name = "Fairlead", Protocol = UpstreamProtocol.OpenAIChat, Auth = AuthScheme.None, Live = true, DataPolicy = NothingKept, CanAbort = true,
    };

    public static ModelEndpoint Of(string model, int? contextLength) => new()
    {
        Id = "7f0d6c5e-6f2b-5c0b-8a57-5f3f0c6b1d10",
        ModelId = model,
        Provider = Gateway,
        Tag = Gateway.Slug,
        ContextLength = contextLength ?? ContextLength,
        MaxCompletionTokens = contextLength ?? ContextLength,
        Pricing = new PriceSheet { Prompt = 0, Completion = 0 },
        CanAbort = true,
        DataPolicy = NothingKept,
        Zdr = true,
        Target = new UpstreamTarget { Protocol = UpstreamProtocol.OpenAIChat, Provider = Gateway.Slug, Model = model, Slug = model, Supported = ParameterSet.None },
    };
}
