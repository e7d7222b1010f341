import { BillingBudget } from '@cdktf/provider-google/lib/billing-budget';
import { Construct } from 'constructs';

export interface BudgetProps {
  readonly name: string;
  readonly billing: { readonly account: string; readonly currency: string };
  /** What a month may cost, in whole units of the currency. */
  readonly monthly: number;
  readonly projectNumber: string;
  /** Counts only what carries it: environments may share a project. */
  readonly environment: string;
  /** Full name of the notification channel that is told. */
  readonly channel: string;
}

/**
 * Tells somebody when an environment has cost half of its budget, most of it, or is on the way to more than all. It stops
 * nothing, and does not see what can carry no label: NAT and traffic.
 */
export class Budget extends Construct {
  constructor(scope: Construct, id: string, props: BudgetProps) {
    super(scope, id);
    new BillingBudget(this, 'budget', {
      billingAccount: props.billing.account,
      displayName: props.name,
      amount: { specifiedAmount: { currencyCode: props.billing.currency, units: String(props.monthly) } },
      budgetFilter: {
        projects: [`projects/${props.projectNumber}`],
        labels: { environment: props.environment },
        calendarPeriod: 'MONTH',
      },
      thresholdRules: [
        { thresholdPercent: 0.5 },
        { thresholdPercent: 0.9 },
        { thresholdPercent: 1, spendBasis: 'FORECASTED_SPEND' },
      ],
      allUpdatesRule: { monitoringNotificationChannels: [props.channel] },
    });
  }
}
