using Fairlead.Catalog.Health;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Attempt;

/// <summary>Tells an endpoint's monitor how an attempt, and the answer it brought, ended. What a failure counts as is decided here and nowhere else.</summary>
/// <param name="Monitor">The endpoint's monitor.</param>
/// <param name="StartedAt">When the attempt began.</param>
internal readonly record struct AttemptRecord(EndpointMonitor Monitor, long StartedAt)
{
    /// <summary>Rest after a 429 that announced nothing.</summary>
    public static readonly TimeSpan UnannouncedRest = TimeSpan.FromSeconds(5);

    /// <summary>The answer came to its end.</summary>
    /// <param name="outputTokens">Tokens it had; 0 where it was cut off by us or the caller.</param>
    /// <param name="took">Since <see cref="StartedAt"/>.</param>
    public void Succeeded(long outputTokens, TimeSpan took) => Monitor.Succeeded(outputTokens, took);

    /// <summary>The answer ended with tool calls. <paramref name="errored"/>: one of them could not have worked.</summary>
    public void CalledTools(bool errored) => Monitor.CalledTools(errored);

    /// <summary>It failed, before or after its first token. True when the operator must be told.</summary>
    public bool Failed(UpstreamFailure failure)
    {
        if (failure.Retry == RetryClass.RateLimited)
            Monitor.Rest(failure.RetryAfter ?? UnannouncedRest);
        return Monitor.Failed(FaultOf(failure));
    }

    /// <summary>What a failure says about the endpoint (routing §7, §10.1): mistakes in the request, limits and geography do not count.</summary>
    public static EndpointFault FaultOf(UpstreamFailure failure) => failure.Retry switch
    {
        RetryClass.Credentials => EndpointFault.Credentials,
        RetryClass.UnknownModel => EndpointFault.UnknownModel,
        RetryClass.NextOrSame => EndpointFault.Failed,
        // Geography: refused where the gateway stands, not broken. What an endpoint has no means for, it was not even asked.
        RetryClass.Next => failure.Kind is ErrorKind.PermissionDenied or ErrorKind.InvalidRequest ? EndpointFault.None : EndpointFault.Failed,
        _ => EndpointFault.None,
    };
}
