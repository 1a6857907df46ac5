namespace Fairlead.Server.Operations;

/// <summary>One thing that must be true before requests are sent here. Registered by the host, asked on every <c>GET /readyz</c>.</summary>
/// <param name="Name">What is checked: <c>database</c>, <c>catalog</c>, <c>lifetime</c>.</param>
/// <param name="Check">Null when it holds, else one sentence why not.</param>
internal sealed record Readiness(string Name, Func<CancellationToken, ValueTask<string?>> Check);
