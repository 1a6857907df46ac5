using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Attempt;

internal static class UpstreamDialects
{
    public static IUpstreamDialect For(UpstreamProtocol protocol) => throw new InvalidOperationException($"Protocol {protocol}");
}
