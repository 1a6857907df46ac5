using Fairlead.Inference.Authenticate;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Receive;

/// <summary>A request that is only asked about and never sent: what it would cost, where it would go.</summary>
internal static class Inquiry
{
    /// <summary>The body, once the caller is known. A caller without credits may ask too: 402 is about paying, and asking is free.</summary>
    public static async ValueTask<Outcome<PooledBody>> ReadAsync(Authenticator authenticate, InferenceContext context) =>
        !authenticate.Identify(context).Try(out _, out var error) && error.Kind != ErrorKind.PaymentRequired ? error : await Receiver.ReadAsync(context);
}
