using System.Runtime.CompilerServices;

namespace Fairlead.Accounts.Limits.Shares;

/// <summary>An amount for each <see cref="RateDimension"/>, by its number: limits, what a request needs, what was counted, a node's share.</summary>
[InlineArray(Count)]
internal struct RateAmounts
{
    /// <summary>Dimensions there are.</summary>
    public const int Count = 4;

    /// <summary>In limits: none.</summary>
    public const long NoLimit = long.MaxValue;

    private long _first;

    /// <summary>All are zero.</summary>
    public readonly bool AreNothing => !((ReadOnlySpan<long>)this).ContainsAnyExcept(0);

    /// <summary>Each is the same.</summary>
    public readonly bool Equal(in RateAmounts others) => ((ReadOnlySpan<long>)this).SequenceEqual(others);

    /// <summary>Both together; neither are limits.</summary>
    public readonly RateAmounts Plus(in RateAmounts others)
    {
        var sum = this;
        for (var d = 0; d < Count; d++)
        {
            sum[d] += others[d];
        }

        return sum;
    }

    public static RateAmounts Of(long requests, long tokens, long concurrency, long today)
    {
        var amounts = default(RateAmounts);
        (amounts[(int)RateDimension.Requests], amounts[(int)RateDimension.Tokens]) = (requests, tokens);
        (amounts[(int)RateDimension.Concurrency], amounts[(int)RateDimension.DailyRequests]) = (concurrency, today);
        return amounts;
    }

    /// <summary>Limits of a key or an account.</summary>
    public static RateAmounts Of(in RateLimits limits) => Of(limits.Rpm ?? NoLimit, limits.Tpm ?? NoLimit, limits.Concurrency ?? NoLimit, NoLimit);

    /// <summary>Limits of free models.</summary>
    public static RateAmounts Of(in FreeModelAllowance limits) => Of(limits.PerMinute ?? NoLimit, NoLimit, NoLimit, limits.PerDay ?? NoLimit);

    /// <summary>What a request needs of a key's or an account's limits.</summary>
    public static RateAmounts Request(long tokens) => Of(1, tokens, 1, 0);

    /// <summary>What a request for a free model needs.</summary>
    public static RateAmounts FreeModelRequest() => Of(1, 0, 0, 1);
}
