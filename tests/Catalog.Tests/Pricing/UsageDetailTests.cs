using Fairlead.Catalog.Pricing;
using Fairlead.Catalog.Pricing.Recomputation;
using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Catalog.Tests.Pricing;

/// <summary>What stands beside the counts in a record: found again, and no part of the charge. The numbers are kept in databases and never change.</summary>
public sealed class UsageDetailTests
{
    [Theory]
    [InlineData(ServiceTier.Default, null, "", null)]
    [InlineData(ServiceTier.Priority, null, "tier=1", "priority")]
    [InlineData(ServiceTier.Flex, 12, "moderation_ms=12,tier=2", "flex")]
    public void WhatStandsBesideTheCounts_IsFoundAgain_AndChangesNoCharge(ServiceTier tier, int? moderation, string expected, string? name)
    {
        var text = UsageDetail.WithTier(UsageDetail.WithModeration("", moderation), tier);

        Assert.Equal(expected, text);
        Assert.Equal((moderation, name), (UsageDetail.ModerationMs(text), UsageDetail.TierName(text)));
        var (usage, context) = (new Usage { PromptTokens = 5 }, default(PricingContext));
        Assert.True(UsageDetail.TryRead(text, ref usage, ref context, out var fee, out var plugins));
        Assert.Equal((new Usage { PromptTokens = 5 }, 0, 0), (usage, fee, plugins.Count));
    }
}
